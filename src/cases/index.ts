export { Case } from './case.entity.js';
export { CaseView, HouseholdCounts, NewCase } from './cases.dto.js';
export { CasesModule } from './cases.module.js';
export { CasesQueries, type CaseChoice, type CaseFacts } from './cases.queries.js';
export { CasesService } from './cases.service.js';
