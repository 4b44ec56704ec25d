const headers = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

export default {
  build: { outDir: 'vite' },
  server: { headers, port: 0, strictPort: false, host: '127.0.0.1' },
};
