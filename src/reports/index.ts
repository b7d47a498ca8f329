export { ReportsModule } from './reports.module.js';
export { ReportsQueries } from './reports.queries.js';
