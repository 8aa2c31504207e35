"""How the frame looks: the few rules of style that the theme cannot say."""

from __future__ import annotations

STYLE = """<style>
[data-testid="stMainBlockContainer"] {padding-top: 2.2rem; max-width: 1320px;}
[data-testid="stSidebarHeader"] {height: 2.2rem;}
.unseen {position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);}
.say {font-size: 1.1rem; line-height: 1.55; margin: 0 0 .6rem 0; overflow-wrap: anywhere;}
.verdict {font-size: 2.4rem; font-weight: 700; line-height: 1.15; margin: .2rem 0 .4rem 0;
  padding: 0; overflow-wrap: anywhere;}
.check {padding: .55rem .8rem; border: 1px solid rgba(128,128,128,.3); border-radius: .5rem;
  margin-bottom: .5rem; font-size: .93rem; overflow-wrap: anywhere;}
.check .why {opacity: .75;}
.brand {font-weight: 700; font-size: 1.05rem; overflow-wrap: anywhere;}
[data-testid="stCaptionContainer"] {opacity: 1;}
[data-testid="stCaptionContainer"] p {color: light-dark(#5F5F5F, #A6A6A6);}
[data-testid="stButtonGroup"] button[data-selected="true"] p,
[data-testid="stSlider"] p {color: light-dark(#1F1F1F, #EDEDED);}
[data-testid="stMultiSelect"] [data-tag] {background: light-dark(#E6E3DC, #2F3541);}
[data-testid="stMultiSelect"] [data-tag] * {color: light-dark(#1F1F1F, #EDEDED);}
:is(.st-key-greyed, [class*="st-key-pale-"]) .stPlotlyChart {opacity: .5; filter: saturate(.5);}
.st-key-greyed :is(h2, h3, p) {color: light-dark(#5F5F5F, #A6A6A6);}
.question {font-size: 1.15rem; line-height: 1.9; margin: 0;}
.st-key-question, .st-key-question-aim {display: block; line-height: 1.9;
  margin-bottom: .1rem;}
.st-key-question {font-size: 1.2rem;}
.st-key-question-aim {font-size: .95rem; margin-top: -.8rem;}
.st-key-question :is(div, span, p), .st-key-question-aim :is(div, span, p) {display: inline;
  font-size: inherit; line-height: inherit;}
.st-key-question .stHtml span, .st-key-question-aim .stHtml span {white-space: pre-wrap;}
.st-key-question button, .st-key-question-aim button {display: inline; vertical-align: baseline;
  padding: 0 .1rem; min-height: 0; width: auto; max-width: 100%; border: 0; border-radius: 0;
  border-bottom: 2px solid light-dark(#C64905, #DB721D); font-size: inherit; line-height: 1.35;
  text-align: left; white-space: normal; overflow-wrap: anywhere;}
.st-key-question button {font-weight: 600;}
.st-key-question :is(button, .stHtml), .st-key-question-aim :is(button, .stHtml) {margin: 0;}
[class*="st-key-rail-"] > div {margin: 0 !important;}
[class*="st-key-rail-"] a {padding-top: 0; padding-bottom: 0;}
[class*="st-key-rail-"] a > span, [class*="st-key-rail-"] a div {width: 100%;}
[class*="st-key-rail-"] p {display: flex; width: 100%;}
[class*="st-key-rail-"] p span {margin-left: auto;}
.st-key-rail-lab a {background: repeating-linear-gradient(135deg, transparent 0 .4rem,
  rgba(128,128,128,.13) .4rem .8rem);}
.st-key-job {min-height: 9rem;}
.st-key-job [data-stale="true"] {opacity: 1 !important;}
</style>"""
