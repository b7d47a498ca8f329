import { Column, type ColumnOptions } from 'typeorm';

/** A whole number of yen in a `bigint`; the driver gives it as a safe integer (`database.ts`). */
export const YenColumn = (name: string): PropertyDecorator => Column({ name, type: 'bigint' });

/** A value sealed with its owner's data key. */
export const SealedColumn = (name: string, options: ColumnOptions = {}): PropertyDecorator =>
  Column({ name, type: 'bytea', nullable: true, ...options });
