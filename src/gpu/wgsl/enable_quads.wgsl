enable subgroups;
// The four threads of a quad read together, and always take the same branch.
diagnostic(off, subgroup_uniformity);

