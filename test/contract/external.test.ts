import { guestContract } from './guest-contract.ts';

guestContract('external');
