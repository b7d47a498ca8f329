export type { AccountRef, Entry, LineBalance, TransferKind } from './entry.js';
export { TransferView } from './ledger.dto.js';
export { LedgerModule } from './ledger.module.js';
export { LedgerQueries } from './ledger.queries.js';
export { LedgerService } from './ledger.service.js';
