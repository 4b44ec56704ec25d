enable subgroups;
// All four threads of a quad read together: none of them branches differently from the others.
diagnostic(off, subgroup_uniformity);

