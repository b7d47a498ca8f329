export { NewCase } from './cases.dto.js';
export { CasesModule } from './cases.module.js';
export { CasesQueries, type CaseChoice } from './cases.queries.js';
export { CasesService } from './cases.service.js';
