export { FundsModule } from './funds.module.js';
export { FundsQueries, type LineFacts } from './funds.queries.js';
export { FundsService } from './funds.service.js';
export { FundView, type FundKind } from './funds.dto.js';
