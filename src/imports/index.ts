export { ImportsModule } from './imports.module.js';
export { ImportsService } from './imports.service.js';
export { sentenceOfRow } from './row-sentences.js';
