export { ForgettingService } from './forgetting.service.js';
export { PrivacyModule } from './privacy.module.js';
