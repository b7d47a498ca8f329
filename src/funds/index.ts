export { BudgetLine, Contribution, Fund } from './fund.entity.js';
export { FundsModule } from './funds.module.js';
export { FundsQueries, type LineFacts, type LineNeed } from './funds.queries.js';
export { FundsService } from './funds.service.js';
export {
  ContributionView,
  FundView,
  NewAllocation,
  NewContribution,
  NewFund,
  type FundKind,
} from './funds.dto.js';
