import { defineConfig } from 'vite'

/** The console as the server hands it out: scripts, styles and fonts of its own, nothing inline. */
export default defineConfig({
  root: import.meta.dirname,
  // `npx vite apps/web` against a server that runs already.
  server: { proxy: { '/api': 'http://127.0.0.1:7070', '/frame.html': 'http://127.0.0.1:7070' } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // The policy allows no data: URLs in scripts or styles, and small files compress well together.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      // To make a schema does nothing else: those that nobody asks for are left out. What does more is called without `z.`.
      treeshake: { manualPureFunctions: ['z'] },
      // 'use client' means nothing where there is no server rendering.
      onwarn: (warning, warn) => void (warning.code === 'MODULE_LEVEL_DIRECTIVE' || warn(warning)),
    },
  },
  worker: { format: 'es' },
})
