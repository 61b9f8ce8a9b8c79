-- The lab platform's database: what happens as it happens, and views of what is asked of it.
-- Times are seconds since 1970 (UTC). A row of mail stands for a batch of mails.

CREATE TABLE tenants (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    plan TEXT NOT NULL,
    state TEXT NOT NULL,                -- healthy, affected
    satisfied INTEGER NOT NULL          -- the answer to the last survey
);
CREATE TABLE campaigns (
    id INTEGER PRIMARY KEY,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL,
    status TEXT NOT NULL                -- draft, running, held, paused, completed
);
CREATE INDEX campaigns_by_tenant ON campaigns (tenant_id);

CREATE TABLE sends (time REAL, campaign_id INTEGER, provider TEXT, mails INTEGER, delivered INTEGER, deferred INTEGER);
CREATE TABLE bounces (time REAL, campaign_id INTEGER, provider TEXT, kind TEXT, mails INTEGER);
CREATE TABLE complaints (time REAL, campaign_id INTEGER, provider TEXT, mails INTEGER);
CREATE TABLE opens (time REAL, campaign_id INTEGER, mails INTEGER);
CREATE TABLE replies (time REAL, campaign_id INTEGER, mails INTEGER);
CREATE TABLE revenue (time REAL, campaign_id INTEGER, source TEXT, dollars REAL);
CREATE TABLE seed_results (time REAL, provider TEXT, folder TEXT, mails INTEGER);
CREATE TABLE deliveries (time REAL, provider TEXT, seconds REAL);
CREATE INDEX sends_by_time ON sends (time);
CREATE INDEX bounces_by_time ON bounces (time);
CREATE INDEX complaints_by_time ON complaints (time);
CREATE INDEX seed_results_by_time ON seed_results (time);
CREATE INDEX deliveries_by_time ON deliveries (time);

-- Totals of each day, kept up as the batches are written; the batches themselves go after some hours.
CREATE TABLE daily_mail (day INTEGER, provider TEXT, sent INTEGER, delivered INTEGER, PRIMARY KEY (day, provider));
CREATE TABLE daily_revenue (day INTEGER, source TEXT, dollars REAL, PRIMARY KEY (day, source));
CREATE TABLE daily_engagement (day INTEGER PRIMARY KEY, opens INTEGER, replies INTEGER);

CREATE TABLE job_queues (
    name TEXT PRIMARY KEY, priority INTEGER, active INTEGER, waiting INTEGER, completed_last_hour INTEGER, failed INTEGER
);
CREATE TABLE sending_addresses (
    address TEXT PRIMARY KEY, host TEXT, provider TEXT, state TEXT, reputation INTEGER, lists TEXT, daily_volume INTEGER
);
CREATE TABLE nodes (
    name TEXT PRIMARY KEY, heartbeat REAL, mountpoint TEXT, size_bytes INTEGER, avail_bytes INTEGER,
    cpu_ratio REAL, memory_ratio REAL, load1 REAL
);
CREATE TABLE incidents (id INTEGER PRIMARY KEY, opened REAL, resolved REAL, severity TEXT, title TEXT);

CREATE VIEW moment AS SELECT max(time) AS time, max(time) - 8 AS recent, max(time) - 3600 AS hour FROM sends;

-- What became of the mail of the last seconds, per provider; complaints come late, so theirs is the last hour.
CREATE VIEW recent_mail AS
WITH sent AS (
    SELECT provider, sum(mails) AS mails, sum(deferred) AS deferred FROM sends, moment
    WHERE sends.time > moment.recent GROUP BY provider
), bounced AS (
    SELECT provider, sum(mails) AS mails FROM bounces, moment WHERE bounces.time > moment.recent GROUP BY provider
), sent_hour AS (
    SELECT provider, sum(mails) AS mails FROM sends, moment WHERE sends.time > moment.hour GROUP BY provider
), complained AS (
    SELECT provider, sum(mails) AS mails FROM complaints, moment WHERE complaints.time > moment.hour GROUP BY provider
)
SELECT provider,
       1.0 * sent.deferred / sent.mails AS deferred_ratio,
       1.0 * coalesce(bounced.mails, 0) / sent.mails AS bounce_ratio,
       1.0 * coalesce(complained.mails, 0) / sent_hour.mails AS complaint_ratio
FROM sent
LEFT JOIN bounced USING (provider) JOIN sent_hour USING (provider) LEFT JOIN complained USING (provider);

CREATE VIEW recent_delivery AS
WITH ranked AS (
    SELECT provider, seconds,
           row_number() OVER (PARTITION BY provider ORDER BY seconds) AS rank,
           count(*) OVER (PARTITION BY provider) AS total
    FROM deliveries, moment WHERE deliveries.time > moment.recent
)
SELECT provider, '0.5' AS quantile, min(seconds) AS seconds FROM ranked WHERE rank >= 0.5 * total GROUP BY provider
UNION ALL
SELECT provider, '0.95' AS quantile, min(seconds) AS seconds FROM ranked WHERE rank >= 0.95 * total GROUP BY provider;

CREATE VIEW recent_placement AS
SELECT provider,
       1.0 * sum(CASE folder WHEN 'inbox' THEN mails ELSE 0 END) / sum(mails) AS inbox_ratio,
       sum(mails) AS inbox_tests
FROM seed_results, moment WHERE seed_results.time > moment.recent GROUP BY provider;

CREATE VIEW mail_totals AS
SELECT provider, sum(sent) AS sent_total, sum(delivered) AS delivered_total FROM daily_mail GROUP BY provider;

CREATE VIEW today AS
SELECT (SELECT sum(sent) FROM daily_mail WHERE day = (SELECT max(day) FROM daily_mail)) AS mails_today,
       (SELECT sum(dollars) FROM daily_revenue WHERE day = (SELECT max(day) FROM daily_revenue)) AS revenue_today_dollars;
