"""The closed vocabulary of the journal: what kind of act an entry records, as ``area:subject:verb``."""
from __future__ import annotations

#: Tag -> what it is called, Vietnamese and English.
LABELS: dict[str, tuple[str, str]] = {
    "case:step:take": ("Thực hiện bước", "Step taken"),
    "case:case:import": ("Nhập hồ sơ đang xử lý", "Running case imported"),
    "case:case:open": ("Mở hồ sơ tiếp nối", "Further case opened"),
    "case:case:follow": ("Hồ sơ chuyển theo tổ chức", "Case follows its unit"),
    "case:facts:record": ("Ghi thông tin hồ sơ", "Facts recorded"),
    "case:helper:assign": ("Phân công đảng viên giúp đỡ", "Helper assigned"),
    "case:introducer:record": ("Ghi người giới thiệu", "Introducer recorded"),
    "case:introducer:remove": ("Bỏ người giới thiệu", "Introducer removed"),
    "case:relative:record": ("Ghi người thân", "Relative recorded"),
    "case:relative:remove": ("Bỏ người thân", "Relative removed"),
    "case:opinion:record": ("Ghi ý kiến nhận xét", "Opinion recorded"),
    "case:opinion:remove": ("Bỏ ý kiến nhận xét", "Opinion removed"),
    "case:problem:record": ("Ghi vấn đề của tổ chức", "Problem recorded"),
    "case:problem:remove": ("Bỏ vấn đề ghi nhầm", "Problem removed"),
    "case:team:record": ("Ghi thành viên tổ công tác", "Team member recorded"),
    "case:team:remove": ("Bỏ thành viên tổ công tác", "Team member removed"),
    "case:measure:record": ("Ghi biện pháp củng cố", "Measure recorded"),
    "case:measure:remove": ("Bỏ biện pháp củng cố", "Measure removed"),
    "case:cadre:record": ("Ghi cán bộ tăng cường", "Reinforced cadre recorded"),
    "case:cadre:remove": ("Bỏ cán bộ tăng cường", "Reinforced cadre removed"),
    "case:collection:declare": ("Xác nhận đã nhập đủ", "List declared complete"),
    "case:paper:record": ("Ghi văn bản", "Paper recorded"),
    "case:report:write": ("Nhận xét của người giúp đỡ", "Helper's report"),
    "case:entry:recall": ("Thu hồi việc vừa ghi", "Own entry recalled"),
    "case:entry:correct": ("Đính chính", "Entry corrected"),
    "case:entry:annul": ("Hủy bỏ", "Act annulled"),
    "unit:meeting:record": ("Ghi cuộc họp", "Meeting recorded"),
    "unit:review:record": ("Chi bộ rà soát danh sách nguồn", "Monthly review of the source list"),
    "unit:unit:found": ("Thành lập", "Unit founded"),
    "unit:unit:rename": ("Đổi tên", "Unit renamed"),
    "unit:unit:change": ("Thay đổi loại hình", "Unit changed"),
    "unit:unit:move": ("Chuyển tổ chức cấp trên", "Unit moved"),
    "unit:unit:merge": ("Sáp nhập", "Units merged"),
    "unit:unit:split": ("Chia tách", "Unit split"),
    "unit:unit:end": ("Giải thể, kết thúc hoạt động", "Unit ended"),
    "unit:unit:delegate": ("Ủy quyền quyết định", "Decision delegated"),
    "unit:strength:state": ("Ghi số đảng viên", "Strength stated"),
    "unit:rating:decide": ("Xếp loại chất lượng", "Rating decided"),
    "unit:target:set": ("Giao chỉ tiêu", "Target set"),
    "unit:figure:state": ("Ghi số liệu công bố", "Figure stated"),
    "report:copy:lock": ("Khóa báo cáo đã gửi", "Report locked as sent"),
    "person:person:add": ("Thêm người", "Person added"),
    "person:person:change": ("Sửa thông tin người", "Person changed"),
    "person:office:grant": ("Giao chức trách", "Office granted"),
    "person:office:end": ("Thôi chức trách", "Office ended"),
    "person:substitution:grant": ("Ủy nhiệm thay", "Substitution granted"),
    "person:substitution:end": ("Thôi ủy nhiệm thay", "Substitution ended"),
    "person:conflict:declare": ("Khai báo quan hệ có thể ảnh hưởng khách quan", "Conflict of interest declared"),
    "account:account:add": ("Lập tài khoản", "Account added"),
    "account:account:change": ("Sửa tài khoản", "Account changed"),
    "account:account:disable": ("Khóa tài khoản", "Account disabled"),
    "account:account:enable": ("Mở khóa tài khoản", "Account enabled"),
    "account:credential:reset": ("Cấp lại mã đăng nhập", "Sign-in code reset"),
    "law:edition:adopt": ("Áp dụng bản quy định", "Edition of the law adopted"),
    "law:value:confirm": ("Xác nhận giá trị quy định", "Value of the law confirmed"),
    "law:value:override": ("Sửa giá trị quy định theo văn bản", "Value of the law overridden"),
    "law:data:migrate": ("Chuyển đổi dữ liệu khi nâng cấp", "Data migrated"),
}

TAGS = frozenset(LABELS)


def label(tag: str, language: str = "vi") -> str:
    """What a tag is called."""
    vi, en = LABELS[tag]
    return en if language == "en" else vi
