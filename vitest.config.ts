import { defineConfig } from 'vitest/config'

const suite = process.env.STEAD_SUITE ?? 'test'
const PATTERNS: Record<string, string[]> = {
  test: ['libs/**/*.spec.ts', 'apps/**/*.spec.ts', 'dev/**/*.spec.ts', 'bench/**/*.spec.ts', 'dev/laws/*.law.ts'],
  // The laws again, at their full counts, and the clients of others.
  conformance: ['{apps,dev,examples}/**/*.conformance.ts', 'dev/laws/*.law.ts', 'dev/console/screens.spec.ts'],
  soak: ['{apps,dev}/**/*.soak.ts', 'dev/laws/*.law.ts', 'dev/console/hostile.conformance.ts'],
}

export default defineConfig({
  test: {
    include: PATTERNS[suite] ?? [],
    exclude: ['**/node_modules/**', 'dev/lint-proof/**'],
    pool: 'forks',
    maxWorkers: 2,
    // Against hanging for ever, and no statement about speed.
    testTimeout: { test: 120_000, conformance: 900_000 }[suite] ?? 3_600_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
    // What a browser shows comes when it comes.
    expect: { poll: { timeout: 30_000 } },
  },
})
