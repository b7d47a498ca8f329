export { AccessModule } from './access.module.js';
export { Can, CurrentActor, SignedIn, StepUp } from './access.guard.js';
export { ApiKeys, SCOPES, type Scope } from './api-keys.service.js';
export { may, permissionsOf, type Action } from './permissions.js';
export { SignInService } from './sign-in.service.js';
export { actorOf, User } from './user.entity.js';
export { UsersService } from './users.service.js';
export { Views } from './views.js';
