import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { mixin, type Type } from '@nestjs/common';
import { IsId, IsWhole } from './fields.js';

/** A page of a list: the newest first, going on behind `nextCursor`. */
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** What every list takes. */
export class PageQuery {
  @ApiPropertyOptional({ default: 50 })
  @IsWhole({ min: 1, max: 200, optional: true })
  limit: number = 50;

  @IsId({ optional: true })
  cursor?: string;
}

/** Cuts a page out of `limit + 1` rows, of which the last only tells that more follow. */
export function pageOf<T extends { id: string }>(rows: T[], limit: number): Page<T> {
  const items = rows.slice(0, limit);
  return { items, nextCursor: rows.length > limit ? items.at(-1)!.id : null };
}

/** The class of a page of `item`, for OpenAPI. */
export function PageOf<T extends Type>(item: T): Type<Page<InstanceType<T>>> {
  class ItemPage {
    @ApiProperty({ type: item, isArray: true })
    items: InstanceType<T>[];

    @ApiProperty({ type: String, nullable: true })
    nextCursor: string | null;
  }
  // A mixin is named at random; OpenAPI shows the name.
  return Object.defineProperty(mixin(ItemPage), 'name', { value: `${item.name}Page` });
}
