export { DisbursementsModule } from './disbursements.module.js';
export { DisbursementsQueries, type Payable } from './disbursements.queries.js';
export { DisbursementsService } from './disbursements.service.js';
export { ReturnsService } from './returns.service.js';
