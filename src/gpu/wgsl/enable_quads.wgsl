enable subgroups;
// What a quad reads together it needs together: no thread of it goes another way.
diagnostic(off, subgroup_uniformity);

