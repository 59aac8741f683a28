import { afterAll, beforeAll, describe } from 'vitest';
import { openRealStore, type RealStore } from '../support/real-store.ts';
import { describeWith } from '../support/requires.ts';
import { addressCases } from './cases/address.ts';
import { certificateCases } from './cases/certificates.ts';
import { contextCases, goneContextCases, leftContextCases, movedContextCases } from './cases/context.ts';
import { createCases } from './cases/create.ts';
import { engineApiCases } from './cases/engine-api.ts';
import { genericCases } from './cases/generic.ts';
import { imageCases } from './cases/image.ts';
import { pluginCases } from './cases/plugin.ts';
import { powerCases } from './cases/power.ts';
import { removeCases } from './cases/remove.ts';
import { shellCases } from './cases/shells.ts';
import { sshCases } from './cases/ssh.ts';
import { tlsCases } from './cases/tls.ts';
import { upgradeCases } from './cases/upgrade.ts';

const programs = ['qemu-system-x86_64', 'openssl', 'curl', 'ssh', 'rsync', 'script'];

describeWith(programs, 'one machine from its image to its end', () => {
  let opened: RealStore | undefined;
  const store = (): RealStore => {
    if (opened === undefined) throw new Error('The store could not be made');
    return opened;
  };
  beforeAll(async () => {
    opened = await openRealStore();
  });
  afterAll(async () => await opened?.[Symbol.asyncDispose]());

  // In this order: each group finds the machine as the one before it left it.
  describe('image', () => imageCases(store));
  describe('create', () => createCases(store));
  describeWith(['docker'], 'the context', () => contextCases(store));
  describe('use -', () => leftContextCases(store));
  describeWith(['docker', 'zsh', 'fish', 'tcsh', 'emacs'], 'env and config in real shells', () => shellCases(store));
  describe('the engine API inside the guest', () => engineApiCases(store));
  describe('mutual TLS', () => tlsCases(store));
  describe('ssh', () => sshCases(store));
  describe('power', () => powerCases(store));
  describe('another address', () => addressCases(store));
  describeWith(['docker'], 'the context after that', () => movedContextCases(store));
  describe('certificates over time', () => certificateCases(store));
  describe('upgrade', () => upgradeCases(store));
  describe('another machine of driver generic', () => genericCases(store));
  describeWith(['go'], 'another machine of a plugin', () => pluginCases(store));
  describe('rm', () => removeCases(store));
  describeWith(['docker'], 'the context at the end', () => goneContextCases(store));
});
