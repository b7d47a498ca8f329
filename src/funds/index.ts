export { ContributionsService } from './contributions.service.js';
export { FundsModule } from './funds.module.js';
export { FundsQueries, type LineFacts } from './funds.queries.js';
export { FundsService } from './funds.service.js';
export { FundView, type FundKind } from './funds.dto.js';
export { type FundRules, type PaymentMethod } from './fund-rules.dto.js';
export { MovesQueries } from './moves.queries.js';
export { MovesService } from './moves.service.js';
export { unfitOf, type LineTerms, type PaymentNeed } from './line-fit.js';
