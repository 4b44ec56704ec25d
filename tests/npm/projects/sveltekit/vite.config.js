import { sveltekit } from '@sveltejs/kit/vite';

const headers = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

export default {
  plugins: [sveltekit()],
  server: { headers, host: '127.0.0.1', fs: { allow: ['.'] } },
};
