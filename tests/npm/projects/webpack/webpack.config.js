export default {
  mode: 'production',
  entry: './main.js',
  output: { clean: true, path: new URL('webpack', import.meta.url).pathname, filename: 'main.js' },
  // The files are as large as they are.
  performance: { hints: false },
};
