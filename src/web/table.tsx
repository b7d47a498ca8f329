import type { ComponentChildren } from 'preact';

export interface Column<Row> {
  head: ComponentChildren;
  cell: (row: Row, index: number) => ComponentChildren;
  /** Numbers are aligned at the right. */
  numeric?: boolean;
  /** Numbers of requests and the like, which are not to be broken. */
  oneLine?: boolean;
  /** The cell that names its row; the first column unless another one says so. */
  names?: boolean;
}

interface TableProps<Row> {
  /** What the table holds; read out, and shown unless `captionHidden` (a card's title says it already). */
  caption: string;
  captionHidden?: boolean;
  columns: Column<Row>[];
  rows: readonly Row[];
  /** Sums under the last columns; the label takes all columns before them. */
  footer?: { label: ComponentChildren; cells: ComponentChildren[] };
  /** On the phone a wide table scrolls sideways; `cards` puts each row's cells below each other instead. */
  phone?: 'scroll' | 'cards';
}

const classOf = (column?: Pick<Column<never>, 'numeric' | 'oneLine'>): string | undefined => {
  if (column?.numeric) return 'num';
  return column?.oneLine ? 'one-line' : undefined;
};

// Where style sheets turn table parts into blocks, browsers forget that it is a table, so the roles are said.
interface CellProps {
  head: ComponentChildren;
  children: ComponentChildren;
  class: string | undefined;
  cards: boolean;
}

/** In cards, a cell repeats its column's heading for the eyes; others still hear it from the table. */
const inCell = ({ head, children, cards }: CellProps) =>
  cards ? (
    <>
      <span class="head" aria-hidden="true">
        {head}
      </span>
      <div class="cell">{children}</div>
    </>
  ) : (
    children
  );

const Cell = (cell: CellProps) => (
  <td role="cell" class={cell.class}>
    {inCell(cell)}
  </td>
);

const NamingCell = (cell: CellProps) => (
  <th role="rowheader" scope="row" class={cell.class}>
    {inCell(cell)}
  </th>
);

type PartProps<Row> = Pick<TableProps<Row>, 'columns' | 'rows' | 'footer'> & { cards: boolean };

function Body<Row>({ columns, rows, cards }: PartProps<Row>) {
  const naming = Math.max(
    0,
    columns.findIndex(({ names }) => names),
  );
  return (
    <tbody role="rowgroup">
      {rows.map((row, index) => (
        <tr role="row" key={index}>
          {columns.map((column, place) => {
            const Part = place === naming ? NamingCell : Cell;
            return (
              <Part key={place} head={column.head} class={classOf(column)} cards={cards}>
                {column.cell(row, index)}
              </Part>
            );
          })}
        </tr>
      ))}
    </tbody>
  );
}

function Foot<Row>({ columns, footer, cards }: PartProps<Row>) {
  if (!footer) return null;
  const before = columns.length - footer.cells.length;
  return (
    <tfoot role="rowgroup">
      <tr role="row">
        <th role="rowheader" scope="row" colSpan={before}>
          {footer.label}
        </th>
        {footer.cells.map((cell, index) => {
          const column = columns[before + index];
          return (
            <Cell key={index} head={column?.head} class={classOf(column)} cards={cards}>
              {cell}
            </Cell>
          );
        })}
      </tr>
    </tfoot>
  );
}

/** Rows of things. The region around it can be scrolled with the keyboard when the table is too wide. */
export function Table<Row>({ caption, captionHidden, columns, rows, footer, phone }: TableProps<Row>) {
  const cards = phone === 'cards';
  const table = (
    <table role="table" class={cards ? 'cards' : undefined}>
      <caption class={captionHidden ? 'visually-hidden' : undefined}>{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column, index) => (
            <th role="columnheader" scope="col" key={index} class={classOf(column)}>
              {column.head}
            </th>
          ))}
        </tr>
      </thead>
      <Body columns={columns} rows={rows} cards={cards} />
      <Foot columns={columns} rows={rows} footer={footer} cards={cards} />
    </table>
  );
  if (cards) return table;
  return (
    <div class="scroll" role="region" aria-label={caption} tabIndex={0}>
      {table}
    </div>
  );
}
