//! Mail domains that organizations prove, and which of them are due for a look.

use chrono::DateTime;
use chrono::NaiveDateTime;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::QueryableByName;
use diesel::RunQueryDsl;
use diesel::prelude::AsChangeset;
use diesel::prelude::Insertable;
use diesel::prelude::Queryable;

use crate::domain::domain_proof::DomainProof;
use crate::domain::domain_proof::ProofStatus;
use crate::domain::id::DomainProofId;
use crate::domain::id::OrganizationId;
use crate::domain::project::ProjectId;
use crate::storage::Transaction;
use crate::storage::columns::from_json;
use crate::storage::columns::instant;
use crate::storage::columns::to_json;
use crate::storage::error::StorageError;
use crate::storage::plain_sql::PlainSql;
use crate::storage::schema::domain_proofs;

#[derive(Queryable, QueryableByName, Insertable, AsChangeset)]
#[diesel(table_name = domain_proofs, treat_none_as_null = true, treat_none_as_default_value = false)]
struct ProofRow {
    id: String,
    organization_id: String,
    domain: String,
    token: String,
    status: String,
    misses: i32,
    missed_at: Option<NaiveDateTime>,
    last_look: Option<String>,
    created_at: NaiveDateTime,
    verified_at: Option<NaiveDateTime>,
    next_look_at: NaiveDateTime,
    seen_at: Option<NaiveDateTime>,
}

macro_rules! columns {
    () => {
        (
            domain_proofs::id,
            domain_proofs::organization_id,
            domain_proofs::domain,
            domain_proofs::token,
            domain_proofs::status,
            domain_proofs::misses,
            domain_proofs::missed_at,
            domain_proofs::last_look,
            domain_proofs::created_at,
            domain_proofs::verified_at,
            domain_proofs::next_look_at,
            domain_proofs::seen_at,
        )
    };
}

impl ProofRow {
    fn new(proof: &DomainProof) -> Result<Self, StorageError> {
        let last_look = proof.last_look.as_ref().map(to_json);
        Ok(Self {
            id: proof.id.key(),
            organization_id: proof.organization_id.key(),
            domain: proof.domain.clone(),
            token: proof.token.clone(),
            status: proof.status.name().to_owned(),
            misses: proof.misses,
            missed_at: proof.missed_at.map(instant),
            last_look: last_look.transpose()?,
            created_at: instant(proof.created_at),
            verified_at: proof.verified_at.map(instant),
            next_look_at: instant(proof.next_look_at),
            seen_at: proof.seen_at.map(instant),
        })
    }
}

impl TryFrom<ProofRow> for DomainProof {
    type Error = StorageError;
    fn try_from(row: ProofRow) -> Result<Self, StorageError> {
        let utc = |at: NaiveDateTime| at.and_utc();
        let status = ProofStatus::from_name(&row.status);
        let last_look = row.last_look.as_deref().map(from_json);
        Ok(Self {
            id: DomainProofId::from_key(&row.id).map_err(StorageError::corrupt)?,
            organization_id: OrganizationId::from_key(&row.organization_id)
                .map_err(StorageError::corrupt)?,
            domain: row.domain,
            token: row.token,
            status: status.ok_or_else(|| StorageError::corrupt("no status of a proof"))?,
            misses: row.misses,
            missed_at: row.missed_at.map(utc),
            last_look: last_look.transpose()?,
            created_at: row.created_at.and_utc(),
            verified_at: row.verified_at.map(utc),
            next_look_at: row.next_look_at.and_utc(),
            seen_at: row.seen_at.map(utc),
        })
    }
}

/// The domains of an organization, by name.
pub fn list(
    tx: &mut Transaction<'_>,
    organization: OrganizationId,
) -> Result<Vec<DomainProof>, StorageError> {
    let rows = domain_proofs::table
        .filter(domain_proofs::organization_id.eq(organization.key()))
        .order(domain_proofs::domain.asc())
        .select(columns!())
        .load::<ProofRow>(tx.connection()?)?;
    rows.into_iter().map(DomainProof::try_from).collect()
}

/// An organization's claim to a domain.
pub fn find(
    tx: &mut Transaction<'_>,
    organization: OrganizationId,
    domain: &str,
) -> Result<Option<DomainProof>, StorageError> {
    domain_proofs::table
        .filter(domain_proofs::organization_id.eq(organization.key()))
        .filter(domain_proofs::domain.eq(domain))
        .select(columns!())
        .first::<ProofRow>(tx.connection()?)
        .optional()?
        .map(DomainProof::try_from)
        .transpose()
}

/// Adds a claim.
pub fn insert(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    proof: &DomainProof,
) -> Result<(), StorageError> {
    let row = (
        ProofRow::new(proof)?,
        domain_proofs::project_id.eq(project.as_str()),
    );
    diesel::insert_into(domain_proofs::table)
        .values(row)
        .execute(tx.connection()?)?;
    Ok(())
}

/// Writes a claim as it now is.
pub fn save(tx: &mut Transaction<'_>, proof: &DomainProof) -> Result<(), StorageError> {
    let this = domain_proofs::table
        .filter(domain_proofs::organization_id.eq(proof.organization_id.key()))
        .filter(domain_proofs::id.eq(proof.id.key()));
    diesel::update(this)
        .set(ProofRow::new(proof)?)
        .execute(tx.connection()?)?;
    Ok(())
}

/// Removes a claim.
pub fn delete(tx: &mut Transaction<'_>, proof: &DomainProof) -> Result<(), StorageError> {
    let this = domain_proofs::table
        .filter(domain_proofs::organization_id.eq(proof.organization_id.key()))
        .filter(domain_proofs::id.eq(proof.id.key()));
    diesel::delete(this).execute(tx.connection()?)?;
    Ok(())
}

/// Takes the claims of a project that are due, and puts their next turn off for so long, in which
/// their looks have to end: of several nodes one takes each. Each organization has its turn before
/// any has another one, whoever has claimed most.
pub fn claim_due(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    (most, lease): (i64, TimeDelta),
) -> Result<Vec<DomainProof>, StorageError> {
    let mut sql = PlainSql::planned(
        tx,
        "SELECT * FROM (SELECT domain_proofs.*, ROW_NUMBER() OVER \
         (PARTITION BY organization_id ORDER BY next_look_at) AS turn \
         FROM domain_proofs WHERE project_id = ",
    );
    sql.text(project.as_str()).sql(" AND next_look_at <= ");
    sql.instant(instant(tx.now))
        .sql(") AS due ORDER BY turn, next_look_at LIMIT ")
        .number(most);
    let due = sql.load::<ProofRow>(tx)?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = due.iter().map(|row| row.id.clone()).collect();
    let later: DateTime<Utc> = tx.now + lease;
    diesel::update(domain_proofs::table.filter(domain_proofs::id.eq_any(ids)))
        .set(domain_proofs::next_look_at.eq(instant(later)))
        .execute(tx.connection()?)?;
    due.into_iter().map(DomainProof::try_from).collect()
}
