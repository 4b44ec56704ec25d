export default {
  mode: 'production',
  entry: './main.js',
  output: { clean: true, path: new URL('webpack', import.meta.url).pathname, filename: 'main.js' },
  // The files cannot be smaller.
  performance: { hints: false },
};
