export { AccessModule } from './access.module.js';
export { Can, CurrentActor, SignedIn } from './access.guard.js';
export { may, permissionsOf, type Action } from './permissions.js';
export { SignInService } from './sign-in.service.js';
export { actorOf, User } from './user.entity.js';
export { UsersService } from './users.service.js';
export { Views } from './views.js';
