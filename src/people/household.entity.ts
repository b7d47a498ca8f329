import { Column, Entity, PrimaryColumn } from 'typeorm';

/** People helped together; they belong to one organisation. */
@Entity('households')
export class Household {
  @PrimaryColumn('uuid')
  id: string;

  @Column({ type: 'uuid', name: 'organisation_id' })
  organisationId: string;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;

  @Column({ type: 'timestamptz', name: 'locked_at', nullable: true })
  lockedAt: Date | null;
}
