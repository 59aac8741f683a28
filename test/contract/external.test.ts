import { guestContract } from './guest-contract.ts';
import { guestLoginContract } from './guest-login-contract.ts';

guestContract('external');
guestLoginContract('external');
