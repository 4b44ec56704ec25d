import { defineConfig } from 'vite';

/** Headers that a host must also send to allow threads. */
const headers = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

export default defineConfig({
  build: {
    target: 'es2022',
    rolldownOptions: {
      input: ['camera', 'react', 'folder-to-csv', 'residual-maps', 'own-weights', 'teach'].map((name) => `${name}/index.html`),
    },
  },
  server: { headers },
  preview: { headers },
});
