"""The causal workbench as a library: from behaviour data to an effect that can be defended."""
