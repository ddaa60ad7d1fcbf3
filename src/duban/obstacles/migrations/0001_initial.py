import django.db.models.deletion
import duban.obstacles.rules
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('matters', '0002_obligations_about_things'),
        ('orgs', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Obstacle',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('problem', models.CharField(max_length=100, verbose_name='问题')),
                ('need', models.CharField(max_length=100, verbose_name='需要谁做什么')),
                ('state', models.CharField(choices=[('open', '待答复'), ('answered', '已答复'), ('closed', '已销结')], default=duban.obstacles.rules.ObstacleState['OPEN'], max_length=8)),
                ('round_no', models.IntegerField(default=1)),
                ('raised_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_by_name', models.CharField(blank=True, max_length=40)),
                ('closing_note', models.CharField(blank=True, max_length=200)),
                ('jurisdiction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='obstacles', to='orgs.jurisdiction')),
                ('matter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='obstacles', to='matters.matter')),
                ('to_post', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='obstacles_put_to', to='orgs.post')),
                ('to_unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='obstacles_put_to', to='orgs.unit')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='obstacles', to='orgs.unit')),
            ],
            options={
                'verbose_name': '困难问题',
                'ordering': ['raised_at', 'pk'],
                'indexes': [models.Index(fields=['matter', 'state'], name='obstacle_on_matter'), models.Index(fields=['jurisdiction', 'state'], name='obstacle_by_state')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('to_post__isnull', True), ('to_unit__isnull', False)), models.Q(('to_post__isnull', False), ('to_unit__isnull', True)), _connector='OR'), name='obstacle_put_to_one'), models.CheckConstraint(condition=models.Q(models.Q(('state', duban.obstacles.rules.ObstacleState['CLOSED']), ('closed_at__isnull', False), models.Q(('closed_by_name', ''), _negated=True)), models.Q(models.Q(('state', duban.obstacles.rules.ObstacleState['CLOSED']), _negated=True), ('closed_at__isnull', True), ('closed_by_name', ''), ('closing_note', '')), _connector='OR'), name='obstacle_closed_with_person'), models.UniqueConstraint(condition=models.Q(('state', duban.obstacles.rules.ObstacleState['CLOSED']), _negated=True), fields=('matter', 'unit', 'problem', 'need'), name='obstacle_raised_once')],
            },
        ),
        migrations.CreateModel(
            name='Round',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.IntegerField()),
                ('cause', models.CharField(choices=[('raised', '提出'), ('unsolved', '未解决，再次提出'), ('escalated', '提请领导协调'), ('overdue', '逾期未答复，转请领导协调')], max_length=10)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('asked_at', models.DateTimeField()),
                ('asked_by_name', models.CharField(max_length=40)),
                ('answer', models.CharField(blank=True, max_length=300, verbose_name='答复')),
                ('answered_at', models.DateTimeField(null=True)),
                ('answered_by_name', models.CharField(blank=True, max_length=40)),
                ('channel', models.CharField(blank=True, choices=[('paper', '纸质回执'), ('telephone', '电话')], max_length=12)),
                ('informant', models.CharField(blank=True, max_length=40)),
                ('obstacle', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rounds', to='obstacles.obstacle')),
                ('to_post', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='rounds_put_to', to='orgs.post')),
                ('to_unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='rounds_put_to', to='orgs.unit')),
            ],
            options={
                'verbose_name': '困难问题的一问一答',
                'ordering': ['obstacle', 'number'],
                'constraints': [models.UniqueConstraint(fields=('obstacle', 'number'), name='round_once'), models.CheckConstraint(condition=models.Q(models.Q(('to_post__isnull', True), ('to_unit__isnull', False)), models.Q(('to_post__isnull', False), ('to_unit__isnull', True)), _connector='OR'), name='round_put_to_one'), models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at__isnull', True), ('answered_by_name', '')), models.Q(models.Q(('answer', ''), _negated=True), ('answered_at__isnull', False), models.Q(('answered_by_name', ''), _negated=True)), _connector='OR'), name='round_answered_with_person'), models.CheckConstraint(condition=models.Q(models.Q(('channel', ''), ('informant', '')), models.Q(models.Q(('channel', ''), _negated=True), models.Q(('informant', ''), _negated=True)), _connector='OR'), name='round_told_by_somebody')],
            },
        ),
    ]
