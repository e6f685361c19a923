from pathlib import Path

from edge.bench import branch
from edge.config import load


def test_the_branch_passes_every_check(tmp_path: Path) -> None:
    loaded = branch.loaded(tmp_path)
    assert len(loaded.policy.windows) == 20
    assert loaded.policy.rules
    assert loaded.branch.web.listen == ""


def test_machines_have_a_topic_each(tmp_path: Path) -> None:
    tables = branch.table(tmp_path, broker={"url": "mqtt://127.0.0.1:1"}, devices=branch.machines(3))
    loaded = load(branch.written(tmp_path / "branch.toml", tables))
    assert [bus.link.place for bus in loaded.buses] == ["atm/atm-0/status", "atm/atm-1/status", "atm/atm-2/status"]


def test_any_table_is_written_as_toml(tmp_path: Path) -> None:
    name = {"zh": "示范支行", "en": 'a "branch"'}
    tables = branch.table(tmp_path) | {"branch": {"id": "b-1", "name": name, "timezone": "UTC"}, "seed": 7}
    config = load(branch.written(tmp_path / "branch.toml", tables)).branch
    assert config.branch.name is not None
    assert config.branch.name.zh == "示范支行"
    assert config.branch.name.en == 'a "branch"'
    assert config.seed == 7
