export { Denials } from './denials.js';
export { LogModule } from './log.module.js';
export { LogSeals } from './log-seals.js';
export type { LogVerification } from './verify.js';
