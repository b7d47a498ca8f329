import type { MigrationInterface, QueryRunner } from 'typeorm';
import { byActor, is, own, secure, seesRequest } from './row-security.js';

/** Requests for money, who did what on them, and the awards that answer them. */
export class Grants1764000000004 implements MigrationInterface {
  name = 'Grants1764000000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(tables);
    await secureRequests(runner);
    await secureNarrative(runner);
    await secure(runner, 'duties', {
      select: seesRequest,
      insert: `${seesRequest} AND user_id = (SELECT actor_id())`,
    });
    await secure(runner, 'awards', {
      select: seesRequest,
      insert: is('approver', 'importer'),
      update: is('approver', 'treasurer'),
      updateColumns: 'status',
    });
    const [{ role }] = await runner.query(`SELECT quote_ident(current_setting('sasae.app_role')) AS role`);
    await runner.query(`GRANT USAGE ON SEQUENCE grant_request_numbers TO ${role}`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}

const tables = `
  CREATE SEQUENCE grant_request_numbers;

  CREATE TABLE vendors (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisations,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('landlord', 'hospital', 'other')),
    created_at timestamptz NOT NULL,
    CONSTRAINT vendors_organisation_key UNIQUE (id, organisation_id)
  );
  CREATE INDEX vendors_list ON vendors (organisation_id, id DESC);

  CREATE TABLE grant_requests (
    id uuid PRIMARY KEY,
    number text NOT NULL,
    organisation_id uuid NOT NULL REFERENCES organisations,
    case_id uuid,
    household_id uuid,
    -- Whose data key seals the request's texts: the case, or the request itself when it has none.
    key_owner_id uuid NOT NULL REFERENCES data_keys,
    kind text NOT NULL CHECK (kind IN ('relief', 'activity')),
    urgency text NOT NULL CHECK (urgency IN ('normal', 'soon', 'tonight')),
    status text NOT NULL CHECK (status IN ('draft', 'submitted', 'in_review', 'returned', 'approved', 'declined',
      'withdrawn', 'scheduled', 'paid', 'settled')),
    origin text NOT NULL CHECK (origin IN ('filed', 'import')),
    created_by uuid NOT NULL REFERENCES users,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    submitted_at timestamptz,
    -- Frozen when submitted: those of the first person.
    prefecture_code text,
    residence_group text,
    CONSTRAINT grant_requests_number_key UNIQUE (number),
    CONSTRAINT grant_requests_organisation_key UNIQUE (id, organisation_id),
    CONSTRAINT grant_requests_origin_key UNIQUE (id, origin),
    CONSTRAINT grant_requests_kind_key UNIQUE (id, kind),
    CONSTRAINT grant_requests_relief_has_case CHECK (kind = 'activity' OR case_id IS NOT NULL),
    CONSTRAINT grant_requests_case_has_household CHECK ((case_id IS NULL) = (household_id IS NULL)),
    CONSTRAINT grant_requests_submitted CHECK (status IN ('draft', 'withdrawn') OR submitted_at IS NOT NULL),
    FOREIGN KEY (case_id, organisation_id, household_id) REFERENCES cases (id, organisation_id, household_id)
  );
  -- A partner's own list, the staff's list of what waits, and a household's total.
  CREATE INDEX grant_requests_own ON grant_requests (organisation_id, id DESC);
  CREATE INDEX grant_requests_waiting ON grant_requests (status, id) WHERE status IN ('submitted', 'in_review', 'returned', 'approved');
  CREATE INDEX grant_requests_household ON grant_requests (household_id);
  CREATE INDEX grant_requests_case ON grant_requests (case_id);

  CREATE TABLE request_lines (
    id uuid PRIMARY KEY,
    request_id uuid NOT NULL,
    request_kind text NOT NULL,
    position int NOT NULL,
    category text CHECK (category IN ('food', 'shelter', 'medical', 'utilities', 'other')),
    item bytea NOT NULL,
    quantity int NOT NULL CHECK (quantity > 0),
    unit_price bigint NOT NULL CHECK (unit_price > 0),
    amount bigint NOT NULL GENERATED ALWAYS AS (quantity * unit_price) STORED,
    -- What living awards of this line add up to; never above what was asked.
    approved_amount bigint NOT NULL DEFAULT 0,
    period_from date,
    period_to date,
    spent_on date,
    payee_type text NOT NULL CHECK (payee_type IN ('organisation', 'person', 'vendor')),
    vendor_id uuid,
    vendor_organisation_id uuid,
    CONSTRAINT request_lines_position_key UNIQUE (request_id, position),
    CONSTRAINT request_lines_request_key UNIQUE (id, request_id),
    CONSTRAINT request_lines_category CHECK ((request_kind = 'relief') = (category IS NOT NULL)),
    CONSTRAINT request_lines_approved CHECK (approved_amount BETWEEN 0 AND quantity * unit_price),
    CONSTRAINT request_lines_period CHECK (period_to >= period_from),
    FOREIGN KEY (request_id, request_kind) REFERENCES grant_requests (id, kind) ON UPDATE CASCADE,
    FOREIGN KEY (vendor_id, vendor_organisation_id) REFERENCES vendors (id, organisation_id)
  );

  -- Whom the request names, frozen when it was submitted.
  CREATE TABLE request_persons (
    request_id uuid NOT NULL REFERENCES grant_requests,
    person_id uuid NOT NULL REFERENCES persons,
    position int NOT NULL,
    PRIMARY KEY (request_id, person_id)
  );
  CREATE INDEX request_persons_person ON request_persons (person_id);

  CREATE TABLE request_events (
    id uuid PRIMARY KEY,
    request_id uuid NOT NULL REFERENCES grant_requests,
    verb text NOT NULL,
    from_status text,
    to_status text NOT NULL,
    amount bigint,
    actor_id uuid NOT NULL REFERENCES users,
    recorded_at timestamptz NOT NULL
  );
  CREATE INDEX request_events_request ON request_events (request_id, id);

  CREATE TABLE request_narratives (
    request_id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    reason bytea NOT NULL,
    FOREIGN KEY (request_id, organisation_id) REFERENCES grant_requests (id, organisation_id)
  );
  CREATE TABLE request_comments (
    event_id uuid PRIMARY KEY REFERENCES request_events,
    request_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    body bytea NOT NULL,
    FOREIGN KEY (request_id, organisation_id) REFERENCES grant_requests (id, organisation_id)
  );
  CREATE INDEX request_comments_request ON request_comments (request_id);

  CREATE TABLE attachments (
    id uuid PRIMARY KEY,
    request_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    name bytea NOT NULL,
    content_type text NOT NULL CHECK (content_type IN ('application/pdf', 'image/jpeg', 'image/png')),
    size_bytes int NOT NULL CHECK (size_bytes > 0),
    -- A keyed digest of the file as it was sent, for finding the same receipt again.
    digest bytea NOT NULL,
    uploaded_by uuid NOT NULL REFERENCES users,
    uploaded_at timestamptz NOT NULL,
    FOREIGN KEY (request_id, organisation_id) REFERENCES grant_requests (id, organisation_id)
  );
  CREATE INDEX attachments_request ON attachments (request_id, id);

  -- On one request the filer, each approver and the payer are different people, and none of those who decide
  -- or pay is of the request's own organisation. The database refuses otherwise, administrators included.
  CREATE TABLE duties (
    request_id uuid NOT NULL,
    request_organisation_id uuid NOT NULL,
    user_id uuid NOT NULL,
    user_organisation_key uuid NOT NULL,
    duty text NOT NULL CHECK (duty IN ('filer', 'approver', 'payer', 'recused')),
    recorded_at timestamptz NOT NULL,
    CONSTRAINT duties_one_per_person PRIMARY KEY (request_id, user_id),
    CONSTRAINT duties_key UNIQUE (request_id, user_id, duty),
    CONSTRAINT duties_not_own_organisation CHECK (duty = 'filer' OR user_organisation_key <> request_organisation_id),
    FOREIGN KEY (request_id, request_organisation_id) REFERENCES grant_requests (id, organisation_id),
    FOREIGN KEY (user_id, user_organisation_key) REFERENCES users (id, organisation_key)
  );
  CREATE INDEX duties_user ON duties (user_id);

  CREATE TABLE awards (
    id uuid PRIMARY KEY,
    request_id uuid NOT NULL,
    request_origin text NOT NULL,
    request_line_id uuid NOT NULL,
    budget_line_id uuid NOT NULL REFERENCES budget_lines,
    amount bigint NOT NULL CHECK (amount > 0),
    status text NOT NULL CHECK (status IN ('approved', 'scheduled', 'paid', 'settled', 'released')),
    approved_by uuid,
    approver_duty text NOT NULL GENERATED ALWAYS AS ('approver') STORED,
    commit_transfer_id uuid NOT NULL UNIQUE REFERENCES transfers,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT awards_amount_key UNIQUE (id, amount),
    CONSTRAINT awards_request_key UNIQUE (id, request_id),
    -- Nothing is awarded without somebody whose duty on this request it was; only a past payment has nobody.
    CONSTRAINT awards_have_an_approver CHECK ((request_origin = 'import') = (approved_by IS NULL)),
    FOREIGN KEY (request_id, approved_by, approver_duty) REFERENCES duties (request_id, user_id, duty),
    FOREIGN KEY (request_id, request_origin) REFERENCES grant_requests (id, origin),
    FOREIGN KEY (request_line_id, request_id) REFERENCES request_lines (id, request_id)
  );
  CREATE INDEX awards_request ON awards (request_id);
  CREATE INDEX awards_line ON awards (request_line_id);
  -- What the treasurer still has to pay.
  CREATE INDEX awards_to_pay ON awards (id) WHERE status = 'approved';
  CREATE INDEX awards_budget_line ON awards (budget_line_id);
`;

async function secureRequests(runner: QueryRunner): Promise<void> {
  const application = is('figures', 'importer');
  // What was never submitted is its organisation's own, also when it was withdrawn.
  const toReview = `${is('reviewer', 'approver')} AND submitted_at IS NOT NULL`;
  const toPay = `${is('treasurer')} AND status IN ('approved', 'scheduled', 'paid', 'settled')`;
  await secure(runner, 'vendors', {
    select: `${own()} OR ${is('reviewer', 'approver', 'treasurer')}`,
    insert: own(),
  });
  await secure(runner, 'grant_requests', {
    select: `${own()} OR ${application} OR (${toReview}) OR (${toPay})`,
    insert: `${own()} OR ${is('importer')}`,
    update: `${own()} OR (${toReview}) OR (${toPay})`,
    updateColumns: 'urgency, status, updated_at, submitted_at, prefecture_code, residence_group',
  });
  // Lines and people change while a request is its organisation's to change, and not afterwards.
  const editable = `EXISTS (SELECT 1 FROM grant_requests r
    WHERE r.id = request_id AND r.status IN ('draft', 'returned') AND ${own('r.organisation_id')})`;
  await secure(runner, 'request_lines', {
    select: seesRequest,
    insert: `${is('importer')} OR ${editable}`,
    update: `${is('approver')} OR ${editable}`,
    delete: editable,
  });
  await secure(runner, 'request_persons', {
    select: seesRequest,
    insert: `${is('importer')} OR (${editable} AND EXISTS (SELECT 1 FROM persons p WHERE p.id = person_id))`,
    delete: editable,
  });
  await secure(runner, 'request_events', { select: seesRequest, insert: `${seesRequest} AND ${byActor}` });
  await secure(runner, 'attachments', {
    select: seesRequest,
    insert: own(),
    delete: `${own()} AND ${editable}`,
  });
}

/** Closed to treasurer and admin; staff read that of the requests that they see. */
async function secureNarrative(runner: QueryRunner): Promise<void> {
  const seen = 'EXISTS (SELECT 1 FROM grant_requests r WHERE r.id = request_id)';
  const narrators = `${own()} OR (${is('reviewer', 'approver')} AND ${seen})`;
  await secure(runner, 'request_narratives', { select: narrators, insert: own(), update: own() });
  await secure(runner, 'request_comments', { select: narrators, insert: narrators });
}
