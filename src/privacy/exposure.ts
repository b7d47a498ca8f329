/** What can be known of a person, as a report of a breach names it. */
export const EXPOSED_FIELDS = [
  'alias',
  'name',
  'birthDate',
  'ageBand',
  'nationality',
  'residenceStatus',
  'prefecture',
  'languages',
  'consents',
  'household',
  'needs',
  'narrative',
  'items',
  'amounts',
  'comments',
  'files',
  'disclosures',
] as const;
export type ExposedField = (typeof EXPOSED_FIELDS)[number];

const PERSON: ExposedField[] = [
  'alias',
  'name',
  'birthDate',
  'ageBand',
  'nationality',
  'residenceStatus',
  'prefecture',
  'languages',
  'consents',
];
const CASE: ExposedField[] = ['alias', 'household', 'needs', 'narrative'];
const REQUEST: ExposedField[] = [
  'alias',
  'household',
  'items',
  'amounts',
  'narrative',
  'comments',
  'prefecture',
];
const NOTHING: ExposedField[] = [];

/**
 * Which fields of the people behind it each action of the log shows to whoever did it: never less than what the page
 * or the answer held. A step of a request is answered with the whole request. `NOTHING` changes something, or shows
 * nothing of a person.
 */
export const EXPOSES: Record<string, readonly ExposedField[]> = {
  'people.listed': ['alias'],
  'people.searched': ['alias'],
  'people.compared': ['ageBand', 'prefecture', 'needs'],
  'people.indexed': NOTHING,
  'person.opened': PERSON,
  'person.outlined': ['ageBand', 'residenceStatus', 'prefecture', 'consents'],
  'person.revealed': PERSON,
  'person.registered': NOTHING,
  'person.changed': NOTHING,
  'person.sheet_opened': EXPOSED_FIELDS,
  'person.disclosed': NOTHING,
  'person.disclosures_opened': ['alias', 'consents', 'disclosures'],
  'consent.withdrawn': NOTHING,
  'consents.sealed': NOTHING,
  'identity.link': NOTHING,
  'identity.unlink': NOTHING,
  'identity.distinct': NOTHING,
  // It tells of help to somebody unnamed, and to whom it does not say.
  'hint.read': NOTHING,
  'hint.refused': NOTHING,
  'cases.listed': ['household', 'needs'],
  'case.opened': CASE,
  'case.people_opened': ['alias'],
  'case.created': NOTHING,
  'case.changed': NOTHING,
  'case.entry_added': NOTHING,
  'household.joined': NOTHING,
  'requests.listed': ['items', 'amounts'],
  'requests.asked': ['comments'],
  'request.opened': REQUEST,
  'request.weighed': ['amounts'],
  'request.passed_on': NOTHING,
  'request.draft': REQUEST,
  'request.changed': REQUEST,
  'request.submit': REQUEST,
  'request.answer': REQUEST,
  'request.withdraw': REQUEST,
  'request.review': REQUEST,
  'request.return': REQUEST,
  'request.approve': REQUEST,
  'request.decline': REQUEST,
  'request.release': REQUEST,
  'request.recuse': REQUEST,
  'request.override': REQUEST,
  'request.confirm': REQUEST,
  'request.object': REQUEST,
  'request.schedule': NOTHING,
  'request.pay': NOTHING,
  'request.bounce': NOTHING,
  'request.refund': NOTHING,
  'request.settle': NOTHING,
  'attachment.added': NOTHING,
  'attachment.opened': ['files'],
  'attachment.removed': NOTHING,
  'attachment.own_key': NOTHING,
  'payments.listed': ['items', 'amounts', 'comments'],
  'disbursement.paid': NOTHING,
  'disbursement.bounce': NOTHING,
  'disbursement.refund': NOTHING,
};

/** Kinds of the log's actions (before the dot) that are about no person helped. */
export const ABOUT_NOBODY_HELPED = [
  'access',
  'api_key',
  'attempts',
  'breach',
  'breaches',
  'deletion',
  'factor',
  'forgetting',
  'fund',
  'hold',
  'import',
  'keys',
  'ledger',
  'log',
  'move',
  'organisation',
  'organisations',
  'passkey',
  'password',
  'policy',
  'report',
  'retention',
  'session',
  'sessions',
  'sign_in',
  'user',
  'users',
  'vendor',
  'vendors',
];

/** The actions that show something of a person. */
export const READS = Object.keys(EXPOSES).filter((action) => EXPOSES[action]!.length > 0);

/** What these actions together show, in the order of a report. */
export const fieldsOf = (actions: readonly string[]): ExposedField[] =>
  EXPOSED_FIELDS.filter((field) => actions.some((action) => EXPOSES[action]?.includes(field)));
