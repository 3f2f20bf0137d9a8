"""The house's own tables."""

from alembic import op

revision = "0001"
down_revision = None

WORDS = r"""
CREATE FUNCTION pratica_words(written text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
array_to_tsvector(array_remove(regexp_split_to_array(
    lower(regexp_replace(normalize(left(written, 500), NFKD), '[\u0300-\u036f]', '', 'g')),
    '[^[:alnum:]]+'
), ''));
"""

TABLES = """
CREATE TABLE event (
    position BIGINT GENERATED ALWAYS AS IDENTITY,
    case_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    instance INTEGER,
    type TEXT NOT NULL,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor TEXT NOT NULL,
    cause INTEGER,
    body TEXT NOT NULL,
    leaf BYTEA NOT NULL,
    PRIMARY KEY (position),
    CONSTRAINT event_case_id_seq_key UNIQUE (case_id, seq)
);

CREATE TABLE "case" (
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    title TEXT DEFAULT '' NOT NULL,
    record JSONB NOT NULL,
    under TEXT,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    seq INTEGER NOT NULL,
    numbers INTEGER[] NOT NULL,
    search TSVECTOR GENERATED ALWAYS AS (pratica_words((id || ' '::text) || title)) STORED,
    PRIMARY KEY (id)
);
CREATE INDEX case_kind_state_idx ON "case" (kind, state, id);
CREATE INDEX case_search_idx ON "case" USING gin (search);
CREATE INDEX case_under_idx ON "case" (under) WHERE under IS NOT NULL;

CREATE TABLE party (
    case_id TEXT NOT NULL,
    role TEXT NOT NULL,
    actor TEXT NOT NULL,
    CONSTRAINT party_pkey PRIMARY KEY (case_id, role, actor)
);
CREATE INDEX party_actor_idx ON party (actor, role, case_id);

CREATE TABLE instance (
    case_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    process TEXT NOT NULL,
    bundle TEXT NOT NULL,
    state TEXT NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    ends TEXT[] NOT NULL,
    snapshot BYTEA,
    CONSTRAINT instance_pkey PRIMARY KEY (case_id, number)
);
CREATE INDEX instance_bundle_idx ON instance (bundle, process, state);

CREATE TABLE task (
    case_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    instance INTEGER NOT NULL,
    element TEXT NOT NULL,
    name TEXT NOT NULL,
    form TEXT,
    group_name TEXT,
    group_kind TEXT NOT NULL,
    state TEXT NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    due TIMESTAMP WITH TIME ZONE,
    assignee TEXT,
    completed_by TEXT,
    ended_at TIMESTAMP WITH TIME ZONE,
    item TEXT,
    case_title TEXT DEFAULT '' NOT NULL,
    case_kind TEXT NOT NULL,
    process TEXT NOT NULL,
    search TSVECTOR GENERATED ALWAYS AS (pratica_words((((case_id || ' '::text) || name) || ' '::text) || case_title)) STORED,
    CONSTRAINT task_pkey PRIMARY KEY (case_id, number)
);
CREATE INDEX task_assignee_idx ON task (assignee, due, case_id, number) WHERE state = 'open';
CREATE INDEX task_claimable_case_idx ON task (group_name, case_id, number) WHERE state = 'open' AND group_kind = 'office' AND assignee IS NULL;
CREATE INDEX task_claimable_due_idx ON task (group_name, due, case_id, number) WHERE state = 'open' AND group_kind = 'office' AND assignee IS NULL;
CREATE INDEX task_claimable_name_idx ON task (group_name, name, case_id, number) WHERE state = 'open' AND group_kind = 'office' AND assignee IS NULL;
CREATE INDEX task_claimable_opened_idx ON task (group_name, opened_at, case_id, number) WHERE state = 'open' AND group_kind = 'office' AND assignee IS NULL;
CREATE INDEX task_role_idx ON task (case_id, group_name) WHERE state = 'open' AND group_kind = 'case_role';
CREATE INDEX task_search_idx ON task USING gin (search) WHERE state = 'open';
CREATE INDEX task_taken_due_idx ON task (group_name, due, case_id, number) WHERE state = 'open' AND group_kind = 'office' AND assignee IS NOT NULL;

CREATE TABLE job (
    case_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    instance INTEGER NOT NULL,
    element TEXT NOT NULL,
    handler TEXT NOT NULL,
    inputs TEXT NOT NULL,
    state TEXT NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT job_pkey PRIMARY KEY (case_id, number)
);
CREATE INDEX job_open_idx ON job (opened_at) WHERE state = 'open';

CREATE TABLE job_attempt (
    case_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    last_error TEXT NOT NULL,
    last_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT job_attempt_pkey PRIMARY KEY (case_id, number)
);

CREATE TABLE timer (
    case_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    instance INTEGER NOT NULL,
    element TEXT NOT NULL,
    due TIMESTAMP WITH TIME ZONE NOT NULL,
    claimed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT timer_pkey PRIMARY KEY (case_id, number)
);
CREATE INDEX timer_due_idx ON timer (due);

CREATE TABLE wait (
    case_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    instance INTEGER NOT NULL,
    element TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    key TEXT,
    CONSTRAINT wait_pkey PRIMARY KEY (case_id, number)
);
CREATE INDEX wait_name_idx ON wait (kind, name, key);

CREATE TABLE incident (
    case_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    instance INTEGER NOT NULL,
    element TEXT NOT NULL,
    kind TEXT NOT NULL,
    message TEXT NOT NULL,
    state TEXT NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    resolved_by TEXT,
    reason TEXT DEFAULT '' NOT NULL,
    CONSTRAINT incident_pkey PRIMARY KEY (case_id, number)
);
CREATE INDEX incident_open_idx ON incident (opened_at) WHERE state = 'open';

CREATE TABLE document (
    id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE NOT NULL,
    added_by TEXT NOT NULL,
    answered BOOLEAN DEFAULT false NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX document_case_idx ON document (case_id, seq);

CREATE TABLE draft (
    case_id TEXT NOT NULL,
    task INTEGER NOT NULL,
    saved_by TEXT NOT NULL,
    saved_at TIMESTAMP WITH TIME ZONE NOT NULL,
    sealed BYTEA NOT NULL,
    CONSTRAINT draft_pkey PRIMARY KEY (case_id, task)
);

CREATE TABLE message (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    payload TEXT NOT NULL,
    source TEXT DEFAULT '' NOT NULL,
    kept_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX message_name_idx ON message (name, key, id);

CREATE TABLE register (
    name TEXT NOT NULL,
    year INTEGER NOT NULL,
    last INTEGER NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT register_pkey PRIMARY KEY (name, year)
);

CREATE TABLE register_entry (
    register TEXT NOT NULL,
    year INTEGER NOT NULL,
    number INTEGER NOT NULL,
    key TEXT NOT NULL,
    body TEXT NOT NULL,
    entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT register_entry_pkey PRIMARY KEY (register, year, number),
    CONSTRAINT register_entry_register_key_key UNIQUE (register, key)
);

CREATE TABLE request_key (
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    answer TEXT,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (key)
);
CREATE INDEX request_key_at_idx ON request_key (at);

CREATE TABLE personal_key (
    subject TEXT NOT NULL,
    id BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
    key BYTEA NOT NULL,
    PRIMARY KEY (subject),
    UNIQUE (id)
);

CREATE TABLE personal_value (
    commitment TEXT NOT NULL,
    subject TEXT NOT NULL,
    key_id BIGINT NOT NULL,
    ciphertext BYTEA NOT NULL,
    PRIMARY KEY (commitment)
);
CREATE INDEX personal_value_subject_idx ON personal_value (subject);

CREATE TABLE bundle_file (
    bundle TEXT NOT NULL,
    name TEXT NOT NULL,
    content BYTEA NOT NULL,
    CONSTRAINT bundle_file_pkey PRIMARY KEY (bundle, name)
);

CREATE TABLE definition (
    process TEXT NOT NULL,
    version INTEGER NOT NULL,
    bundle TEXT NOT NULL,
    deployed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deployed_by TEXT NOT NULL,
    facts TEXT NOT NULL,
    CONSTRAINT definition_pkey PRIMARY KEY (process, version),
    CONSTRAINT definition_process_bundle_key UNIQUE (process, bundle)
);
CREATE INDEX definition_bundle_idx ON definition (bundle);

CREATE TABLE publication (
    name TEXT NOT NULL,
    number INTEGER NOT NULL,
    body BYTEA NOT NULL,
    sha256 TEXT NOT NULL,
    previous TEXT,
    published_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT publication_pkey PRIMARY KEY (name, number)
);

CREATE TABLE person (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT DEFAULT '' NOT NULL,
    organisation TEXT DEFAULT '' NOT NULL,
    language TEXT DEFAULT 'it' NOT NULL,
    groups TEXT[] NOT NULL,
    capabilities TEXT[] NOT NULL,
    password_hash TEXT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE house_clock (
    id INTEGER NOT NULL,
    shift BIGINT NOT NULL,
    PRIMARY KEY (id)
);
"""

APPEND_ONLY = """
CREATE FUNCTION pratica_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Expected only additions to %, but got %.', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END;
$$;
"""

GUARDED = ("event", "publication", "register_entry")

ROLE = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'pratica_app') THEN
        CREATE ROLE pratica_app NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END;
$$;
"""

MEMBER = """
DO $$
DECLARE
    acting text := CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END;
BEGIN
    IF NOT pg_has_role(current_user, 'pratica_app', acting) THEN
        EXECUTE format('GRANT pratica_app TO %I', current_user);
    END IF;
END;
$$;
"""


def upgrade() -> None:
    op.execute(WORDS)
    op.execute(TABLES)
    op.execute(APPEND_ONLY)
    for table in GUARDED:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION pratica_append_only()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION pratica_append_only()"
        )
    op.execute(ROLE)
    op.execute(MEMBER)
    op.execute("GRANT USAGE ON SCHEMA public TO pratica_app")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO pratica_app")
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO pratica_app")
    for table in GUARDED:
        op.execute(f"REVOKE UPDATE, DELETE ON {table} FROM pratica_app")
    op.execute("REVOKE ALL ON alembic_version FROM pratica_app")
