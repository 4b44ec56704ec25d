// A script, not a module: browsers refuse modules from file://, where this alone runs.
if (location.protocol === 'file:') document.documentElement.classList.add('as-file');
