import { Injectable, type OnModuleInit } from '@nestjs/common';
import { onDuty } from '../kernel/actor.js';
import { Db, type Tx } from '../platform/db.js';
import { isSealed, Vault } from '../platform/encryption.js';
import { Jobs } from '../platform/jobs.js';

const TOPIC = 'vendors.seal';
const BATCH = 500;

const placeOf = (id: string): string => `vendors.name:${id}`;

/** Names of vendors, each sealed with a key of its own. */
@Injectable()
export class VendorNames implements OnModuleInit {
  constructor(
    private readonly db: Db,
    private readonly vault: Vault,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(TOPIC, async () => void (await this.sealClear()));
    this.jobs.onStart(() => this.db.write(onDuty('keeper'), async (tx) => tx.emit(TOPIC, {})));
  }

  /** Seals a new vendor's name, with a new key. */
  async seal(tx: Tx, { id, organisationId, name }: NamedVendor): Promise<Buffer> {
    return (await this.vault.createKey(tx.orm, id, organisationId)).seal(name, placeOf(id));
  }

  /** The names of the vendors that rows name, by their ids. One whose key was destroyed is left out. */
  async ofRows(tx: Tx, rows: readonly NamingVendor[]): Promise<Map<string, string>> {
    const sealed = new Map(
      rows.flatMap(({ vendorId, vendorName }): [string, Buffer][] =>
        vendorId && vendorName ? [[vendorId, vendorName]] : [],
      ),
    );
    const keys = await this.vault.keysOf(tx.orm, [...sealed.keys()]);
    return new Map(
      [...sealed].flatMap(([id, name]): [string, string][] => {
        if (!isSealed(name)) return [[id, name.toString('utf8')]];
        const key = keys.get(id);
        return key ? [[id, key.open(name, placeOf(id))]] : [];
      }),
    );
  }

  /** Seals what was written in clear before names were sealed. Run twice, or by two at once, it comes to the same. */
  async sealClear(): Promise<void> {
    for (let done = BATCH; done === BATCH;) {
      done = await this.db.write(onDuty('keeper'), (tx) => this.sealSome(tx));
    }
  }

  private async sealSome(tx: Tx): Promise<number> {
    const rows = await tx.query<{ id: string; organisationId: string; name: Buffer }>(
      `SELECT id, organisation_id AS "organisationId", name FROM vendors
       WHERE substring(name FROM 1 FOR 1) <> '\\x01' ORDER BY id LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`,
    );
    if (rows.length === 0) return 0;
    const keys = await this.vault.createKeys(
      tx.orm,
      rows.map(({ id, organisationId }) => ({ ownerId: id, organisationId })),
    );
    await tx.query(
      `UPDATE vendors v SET name = s.name FROM unnest($1::uuid[], $2::bytea[]) AS s(id, name) WHERE v.id = s.id`,
      [
        rows.map(({ id }) => id),
        rows.map(({ id, name }, index) => keys[index]!.sealBytes(name, placeOf(id))),
      ],
    );
    tx.audit('vendors.sealed', 'vendor', null, { count: rows.length });
    return rows.length;
  }
}

interface NamedVendor {
  id: string;
  organisationId: string;
  name: string;
}

interface NamingVendor {
  vendorId: string | null;
  vendorName: Buffer | null;
}
