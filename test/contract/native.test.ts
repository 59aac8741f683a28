import { guestContract } from './guest-contract.ts';
import { guestLoginContract } from './guest-login-contract.ts';

guestContract('native');
guestLoginContract('native');
