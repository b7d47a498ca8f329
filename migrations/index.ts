import { Access1764000000001 } from './1764000000001-access.js';
import { People1764000000002 } from './1764000000002-people.js';
import { Funds1764000000003 } from './1764000000003-funds.js';
import { Grants1764000000004 } from './1764000000004-grants.js';
import { Disbursements1764000000005 } from './1764000000005-disbursements.js';
import { Books1764000000006 } from './1764000000006-books.js';
import { Approvals1764000000007 } from './1764000000007-approvals.js';
import { Accounts1764000000008 } from './1764000000008-accounts.js';
import { Matching1764000000009 } from './1764000000009-matching.js';
import { Log1764000000010 } from './1764000000010-log.js';
import { Keys1764000000011 } from './1764000000011-keys.js';
import { Files1764000000012 } from './1764000000012-files.js';
import { Breach1764000000013 } from './1764000000013-breach.js';
import { PeoplePages1764000000014 } from './1764000000014-people-pages.js';
import { Forgetting1764000000015 } from './1764000000015-forgetting.js';
import { Passkeys1764000000016 } from './1764000000016-passkeys.js';
import { Notices1764000000017 } from './1764000000017-notices.js';

/** Every migration, in the order in which they run. Forward only; a released one is never edited. */
export const migrations = [
  Access1764000000001,
  People1764000000002,
  Funds1764000000003,
  Grants1764000000004,
  Disbursements1764000000005,
  Books1764000000006,
  Approvals1764000000007,
  Accounts1764000000008,
  Matching1764000000009,
  Log1764000000010,
  Keys1764000000011,
  Files1764000000012,
  Breach1764000000013,
  PeoplePages1764000000014,
  Forgetting1764000000015,
  Passkeys1764000000016,
  Notices1764000000017,
];
