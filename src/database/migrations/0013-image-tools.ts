import type { Migration } from '../migrate.js';

export const imageTools: Migration = {
  number: 13,
  name: 'image-tools',
  sql: `
    -- By which tool bytes come to a site, said beside the way or alone.
    alter table image_policy alter column way drop not null;
    alter table image_policy add column tool text check (tool in ('upload', 'web-download', 'glance-download'));

    alter table image_copy add column tool text;       -- by which its bytes come, or came
    alter table image_copy add column detour text;     -- why that is another one than policy wants

    -- With which a site fetches the bytes of a copy from the cascade, once. The secret itself is in the URL alone.
    create table image_ticket (
      secret_hash bytea primary key,
      image_id    text not null,
      site_id     integer not null,
      expires_at  timestamptz not null,
      foreign key (image_id, site_id) references image_copy on delete cascade
    );
    create index image_ticket_of on image_ticket (image_id, site_id);
  `,
};
