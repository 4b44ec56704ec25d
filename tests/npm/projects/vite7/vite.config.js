const headers = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

export default {
  build: { outDir: 'vite' },
  server: { headers, host: '127.0.0.1' },
};
