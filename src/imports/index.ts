export { Import, type ImportSummary } from './import.entity.js';
export { NewImport } from './imports.dto.js';
export { ImportsModule } from './imports.module.js';
export { ImportsService } from './imports.service.js';
export { sentenceOfRow } from './row-sentences.js';
export type { RowError } from './table-reader.js';
