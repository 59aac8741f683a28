import { defineConfig, type ViteUserConfig } from 'vitest/config';

// One group after the other: virtual machines keep both processors busy, and what is timed must not wait for them.
const alias = { 'tmachine/driver': new URL('src/driver/index.ts', import.meta.url).pathname };

const config: ViteUserConfig = defineConfig({
  resolve: { alias },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/*.test.ts'],
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'cli',
          include: ['test/cli/**/*.test.ts'],
          testTimeout: 60_000,
          sequence: { groupOrder: 2 },
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
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          name: 'virtualbox',
          globalSetup: ['test/support/build-once.ts'],
          include: ['test/virtualbox/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 900_000,
          fileParallelism: false,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});

export default config;
