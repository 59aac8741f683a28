import { expect } from 'vitest';
import { lendCachedImage } from './image-cache.ts';
import { openRealStore, type RealStore } from './real-store.ts';
import type { TmachineCall, TmachineResult } from './run-tmachine.ts';
import { openVirtualBoxPlace, type VirtualBoxPlace } from './virtualbox-place.ts';

/** The smallest machine that a Docker Engine is at home in. */
export const createWords: readonly string[] = [
  ...['create', '--driver', 'virtualbox', '--virtualbox-memory', '1024', '--virtualbox-no-vtx-check'],
];

/** A store with a boot image and VirtualBox settings of their own. */
export interface VirtualBoxStore extends AsyncDisposable {
  readonly store: RealStore;
  readonly place: VirtualBoxPlace;
  /** A call that must succeed with at most so many calls of VBoxManage. */
  within(most: number, words: readonly string[], call?: TmachineCall): Promise<TmachineResult>;
}

/** Makes both. */
export async function openVirtualBoxStore(): Promise<VirtualBoxStore> {
  const place = await openVirtualBoxPlace();
  const store = await openRealStore({ env: place.env, lend: lendCachedImage });
  return {
    store,
    place,
    within: async (most, words, call) => {
      await place.takeCalls();
      const result = await store.tmachine(words, call);
      const calls = await place.takeCalls();
      expect(result.exitCode, `${words.join(' ')}: ${result.stderr}`).toBe(0);
      expect(calls.length, `${words.join(' ')}:\n${calls.join('\n')}`).toBeLessThanOrEqual(most);
      return result;
    },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}
