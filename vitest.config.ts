import { defineConfig, type ViteUserConfig } from 'vitest/config';

const alias = { 'tmachine/driver': new URL('src/driver/index.ts', import.meta.url).pathname };

const config: ViteUserConfig = defineConfig({
  resolve: { alias },
  test: {
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts', 'test/*.test.ts'] } },
      {
        extends: true,
        test: { name: 'contract', include: ['test/contract/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
      },
      {
        extends: true,
        test: {
          name: 'cli',
          include: ['test/cli/**/*.test.ts'],
          testTimeout: 60_000,
          globalSetup: ['test/support/build-once.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'real',
          globalSetup: ['test/support/build-once.ts'],
          include: ['test/real/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      },
    ],
  },
});

export default config;
