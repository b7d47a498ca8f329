import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Can, CurrentActor, Views } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { Query } from '../platform/input.js';
import { PageQuery, type Page as PageOfList } from '../platform/pages.js';
import { languageName } from '../web/format.js';
import { Page, renderPage } from '../web/page.js';
import { Card, Empty, Pager, Table, type Column } from '../web/parts.js';
import { send } from '../web/replies.js';
import type { View } from '../web/view.js';
import type { OrganisationView } from './organisations.dto.js';
import { OrganisationsQueries } from './organisations.queries.js';

@ApiExcludeController()
@Controller('organisations')
export class OrganisationsPages {
  constructor(
    private readonly views: Views,
    private readonly organisations: OrganisationsQueries,
  ) {}

  @Get()
  @Can('organisations.list')
  async list(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @Query(PageQuery) query: PageQuery,
  ) {
    const list = await this.organisations.list(actor, query);
    send(reply, listPage(await this.views.of(request), list, query));
  }
}

function listPage(view: View, { items, nextCursor }: PageOfList<OrganisationView>, query: PageQuery): string {
  const { t } = view;
  return renderPage(
    <Page view={view} title={t('organisations:title')} lead={t('organisations:lead')}>
      <Card>
        {items.length === 0 ? (
          <Empty title={t('organisations:empty')}>
            <p>{t('organisations:emptyHelp')}</p>
          </Empty>
        ) : (
          <Table
            caption={t('organisations:caption')}
            captionHidden
            columns={columnsOf(view)}
            rows={items}
            phone="cards"
          />
        )}
        <Pager
          t={t}
          next={nextCursor && `/organisations?limit=${query.limit}&cursor=${nextCursor}`}
          first={query.cursor ? '/organisations' : null}
        />
      </Card>
    </Page>,
  );
}

const columnsOf = ({ t, language }: View): Column<OrganisationView>[] => [
  { head: t('organisations:name'), cell: ({ name }) => name },
  { head: t('organisations:code'), cell: ({ code }) => code },
  {
    head: t('organisations:prefecture'),
    cell: ({ prefectureCode }) => t(`common:prefectures.${prefectureCode}`),
  },
  {
    head: t('organisations:languages'),
    cell: ({ languages }) =>
      languages.map((code) => languageName(code, language)).join(t('organisations:and')) || '—',
  },
];
