import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import { forbidden } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { Db, type Once, type Tx } from '../platform/db.js';
import { pageOf, type Page, type PageQuery } from '../platform/pages.js';
import type { NewVendor, VendorView } from './organisations.dto.js';
import { VendorNames } from './vendor-names.js';
import { Vendor } from './vendor.entity.js';

/** Whom the network may pay instead of the member. */
@Injectable()
export class VendorsService {
  constructor(
    private readonly db: Db,
    private readonly names: VendorNames,
  ) {}

  /** The vendors that this actor may see, newest first; a partner's own organisation's. */
  list(actor: Actor, { limit, cursor }: PageQuery): Promise<Page<VendorView>> {
    return this.db.read(actor, async (tx) => {
      const rows = await tx.query<Omit<VendorView, 'name'> & { name: Buffer }>(
        `SELECT id, organisation_id AS "organisationId", name, kind FROM vendors
         WHERE ($1::uuid IS NULL OR organisation_id = $1) AND ($2::uuid IS NULL OR id < $2)
         ORDER BY id DESC LIMIT $3`,
        [actor.organisationId, cursor ?? null, limit + 1],
      );
      const names = await this.names.ofRows(
        tx,
        rows.map(({ id, name }) => ({ vendorId: id, vendorName: name })),
      );
      const { items, nextCursor } = pageOf(rows, limit);
      return { items: items.map((row) => ({ ...row, name: names.get(row.id) ?? '' })), nextCursor };
    });
  }

  /** Which of these vendors are an organisation's own, inside a transaction. */
  async ownOf(tx: Tx, organisationId: string, ids: readonly string[]): Promise<Set<string>> {
    const rows = await tx.query<{ id: string }>(
      'SELECT id FROM vendors WHERE organisation_id = $1 AND id = ANY($2::uuid[])',
      [organisationId, ids],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Adds a vendor to the actor's own organisation. @throws DomainError `access.forbidden` without one. */
  add(actor: Actor, input: NewVendor, once?: Once): Promise<VendorView> {
    return this.db.write(actor, (tx) => this.register(tx, input), once);
  }

  /** The same inside a transaction. */
  async register(tx: Tx, { name, kind }: NewVendor): Promise<VendorView> {
    const { organisationId } = tx.actor;
    if (!organisationId) throw forbidden();
    const vendor: VendorView = { id: newId(), organisationId, name, kind };
    const sealed = await this.names.seal(tx, vendor);
    await tx.orm.insert(Vendor, { ...vendor, name: sealed, createdAt: tx.at });
    tx.audit('vendor.added', 'vendor', vendor.id, { kind });
    return vendor;
  }
}
