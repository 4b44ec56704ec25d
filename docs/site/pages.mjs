// The pages of the site, in the order of its menu, with the source of each.

/**
 * @typedef {object} Page
 * @property {string} name of the page, without `.html`
 * @property {string} title
 * @property {string} summary one sentence, for search engines
 * @property {string} [source] a document, by its path in the clone; none if a script writes the page
 * @property {string} [types] the types that the page documents, by their path in the clone
 */

/** @type {[group: string, pages: Page[]][]} */
export const GROUPS = [
  ['Start', [
    { name: 'index', title: 'First prediction', source: 'docs/index.md', summary: 'From nothing to a prediction in ten lines, with or without a bundler.' },
    { name: 'examples', title: 'Examples', summary: 'Whole pages that run: plain HTML, the camera, React, a folder to CSV, maps, your own weights.' },
  ]],
  ['Guide', [
    { name: 'camera', title: 'Camera', source: 'docs/camera.md', summary: 'Classify a live camera, frame after frame.' },
    { name: 'maps', title: 'Residual maps', source: 'docs/maps.md', summary: 'Maps of x, F(x) and x + F(x) for every residual block.' },
    { name: 'ledger', title: 'Ledger, cuts and evidence', source: 'docs/ledger.md', summary: 'Measure what each block adds, leave blocks out, and map the evidence for a class.' },
    { name: 'weights', title: 'Your own weights', source: 'docs/weights.md', summary: 'Any torchvision or HuggingFace ResNet, as safetensors or as a PyTorch checkpoint.' },
    { name: 'teach', title: 'Classes of your own', source: 'docs/teach.md', summary: 'Teach classes by example, and take home an ordinary ResNet.' },
    { name: 'lab', title: 'The lab', source: 'docs/lab.md', summary: 'Train plain and residual twins in the page, and measure what every step does to every layer.' },
    { name: 'hosting', title: 'Hosting and headers', source: 'docs/hosting.md', summary: 'Headers for threads and a content security policy, with recipes for static hosts.' },
    { name: 'memory', title: 'Memory and phones', source: 'docs/memory.md', summary: 'How much memory a model takes, and what to do on a phone.' },
    { name: 'privacy', title: 'Offline and sealed', source: 'docs/privacy.md', summary: 'What is sent, how the page works without a connection, and how to check both.' },
    { name: 'errors', title: 'Errors', source: 'docs/errors.md', summary: 'Every error by name, with its cause and its cure.' },
  ]],
  ['Reference', [
    { name: 'api', title: 'API', types: 'www/reslens.d.ts', summary: 'Every class, option and result, generated from the types.' },
    { name: 'api-teach', title: 'API: teaching', types: 'www/teach.d.ts', summary: 'Every class, option and result of reslens/teach, generated from the types.' },
    { name: 'api-lab', title: 'API: the lab', types: 'www/lab.d.ts', summary: 'Every class, option and result of reslens/lab, generated from the types.' },
    { name: 'package', title: 'Bundlers, CDNs, policies', source: 'packages/reslens/README.md', summary: 'What each bundler and a CDN need, and the content security policy for each.' },
    { name: 'browsers', title: 'Browsers', source: 'docs/browsers.md', summary: 'Which browsers were tried, and what works in each.' },
    { name: 'model', title: 'The bundled model', source: 'models/README.md', summary: 'The card of the bundled ResNet-18: its classes, accuracy, training and limits.' },
  ]],
  ['Background', [
    { name: 'how-it-works', title: 'How it works', source: 'docs/how-it-works.md', summary: 'What a residual block computes, the path of a frame, and why the numbers can be trusted.' },
    { name: 'benchmarks', title: 'Benchmarks', source: 'docs/benchmarks.md', summary: 'Speed beside onnxruntime-web, tfjs and LiteRT.js, with the commands that measure it.' },
    { name: 'cpu-kernels', title: 'CPU kernels', source: 'docs/cpu-kernels.md', summary: 'The WebAssembly kernels by layer, and what was tried.' },
    { name: 'reliability', title: 'Reliability', source: 'docs/reliability.md', summary: 'What is done so that the claims hold: supply chain, security, soak, drills, with commands and dates.' },
    { name: 'webgpu-kernels', title: 'WebGPU kernels', source: 'docs/webgpu-kernels.md', summary: 'The WebGPU kernels by layer, and what was tried.' },
  ]],
  ['Project', [
    { name: 'architecture', title: 'Architecture', source: 'ARCHITECTURE.md', summary: 'A frame on its path through the files.' },
    { name: 'contributing', title: 'Contributing', source: 'CONTRIBUTING.md', summary: 'How to build, and where a new thing goes.' },
    { name: 'releasing', title: 'Releasing', source: 'docs/releasing.md', summary: 'What a version promises, and how one is made.' },
    { name: 'security', title: 'Security', source: 'SECURITY.md', summary: 'What counts as a weakness, and where to report it.' },
    { name: 'changelog', title: 'Changelog', source: 'CHANGELOG.md', summary: 'What has changed.' },
  ]],
];

export const PAGES = GROUPS.flatMap(([, pages]) => pages);
