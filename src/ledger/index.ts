export type { AccountRef, Entry, LineBalance, TransferKind } from './entry.js';
export { StatementQuery, TransferView, type Holdings, type StatementView } from './ledger.dto.js';
export { LedgerCheck } from './ledger-check.js';
export { LedgerModule } from './ledger.module.js';
export { LedgerQueries } from './ledger.queries.js';
export { LedgerService } from './ledger.service.js';
export type { StatementOwner } from './statement.js';
