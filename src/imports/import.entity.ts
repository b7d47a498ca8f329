import { Column, Entity, PrimaryColumn } from 'typeorm';
import { hasRole, type Actor, type Role } from '../kernel/actor.js';
import { canMove, move } from '../kernel/transitions.js';
import { IMPORT_TRANSITIONS, type ImportStatus } from './import.states.js';
import type { RowError } from './table-reader.js';

export const IMPORT_KINDS = ['history', 'organisations'] as const;
export type ImportKindName = (typeof IMPORT_KINDS)[number];

/** Whose work each kind is: past payments are money, and members belong to the administration. */
const IMPORTERS: Record<ImportKindName, Role> = { history: 'treasurer', organisations: 'admin' };

/** The kinds that this actor may bring in. */
export const kindsOf = (actor: Actor): ImportKindName[] =>
  IMPORT_KINDS.filter((kind) => hasRole(actor, IMPORTERS[kind]));

/** Errors that are kept and shown; `summary.errors` says how many there were. */
const ERRORS_KEPT = 200;

/** What an import did, or a dry run would do. */
export interface ImportSummary {
  rows: number;
  added: number;
  /** Rows that were there already with the same content. */
  skipped: number;
  /** Yen of the payments added. */
  amount: number;
  /** Different people of the payments added. */
  people: number;
  errors: number;
}

/** A spreadsheet that somebody sent. */
@Entity('imports')
export class Import {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  kind: ImportKindName;

  @Column({ type: 'uuid', name: 'fund_id', nullable: true })
  fundId: string | null;

  @Column({ type: 'boolean', name: 'dry_run' })
  dryRun: boolean;

  @Column('text')
  status: ImportStatus;

  /** Rows worked on, of `total`. */
  @Column('int')
  done: number;

  @Column('int')
  total: number;

  /** `fileKept` says that its file is still there; all others are absent until it ends. */
  @Column('jsonb')
  summary: Partial<ImportSummary> & { fileKept?: boolean };

  @Column('jsonb')
  errors: RowError[];

  /** The key of its file, wrapped by the keyring; null when it never had a file. */
  @Column({ type: 'bytea', name: 'file_key', nullable: true })
  fileKey: Buffer | null;

  @Column({ type: 'text', name: 'ring_key', nullable: true, insert: false, update: false })
  ringKey: string | null;

  @Column({ type: 'uuid', name: 'created_by' })
  createdBy: string;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;

  @Column({ type: 'timestamptz', name: 'finished_at', nullable: true })
  finishedAt: Date | null;

  /** Whether its job still has to be done. */
  get isOpen(): boolean {
    return canMove(IMPORT_TRANSITIONS, 'finish', this.status);
  }

  /** Ends: with errors it is refused as a whole. @throws DomainError `transition.refused` when it has ended. */
  end(summary: Omit<ImportSummary, 'errors'>, errors: RowError[], at: Date): void {
    this.status = move(IMPORT_TRANSITIONS, errors.length > 0 ? 'refuse' : 'finish', this.status);
    this.done = this.total = summary.rows;
    // Only the file of a good dry run is wanted again.
    const fileKept = this.summary.fileKept && this.dryRun && this.status === 'done';
    this.summary = { ...summary, errors: errors.length, ...(fileKept && { fileKept }) };
    this.errors = errors.slice(0, ERRORS_KEPT);
    this.finishedAt = at;
  }
}
