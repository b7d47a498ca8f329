import { Column, Entity, PrimaryColumn } from 'typeorm';

export const VENDOR_KINDS = ['landlord', 'hospital', 'other'] as const;
export type VendorKind = (typeof VENDOR_KINDS)[number];

/** Somebody whom the network pays instead of the member: a landlord, a hospital. Known to one organisation. */
@Entity('vendors')
export class Vendor {
  @PrimaryColumn('uuid')
  id: string;

  @Column({ type: 'uuid', name: 'organisation_id' })
  organisationId: string;

  /** Sealed with the vendor's own key: a landlord may be a person. */
  @Column('bytea')
  name: Buffer;

  @Column('text')
  kind: VendorKind;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;
}
